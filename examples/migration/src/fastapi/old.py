import os

from fastapi import Depends, FastAPI, HTTPException, Security
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.httpsredirect import HTTPSRedirectMiddleware
from fastapi.middleware.trustedhost import TrustedHostMiddleware
from fastapi.security import OAuth2PasswordBearer, SecurityScopes
from jose import JWTError, jwt

app = FastAPI()
# The last one is the outermost: it sees a request first.
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example.com"], allow_headers=["authorization"])
app.add_middleware(HTTPSRedirectMiddleware)
app.add_middleware(TrustedHostMiddleware, allowed_hosts=["api.example.com"])

oauth2_scheme = OAuth2PasswordBearer(tokenUrl="token")


def get_current_user(scopes: SecurityScopes, token: str = Depends(oauth2_scheme)) -> str:
    challenge = f'Bearer scope="{scopes.scope_str}"'
    try:
        claims = jwt.decode(
            token,
            os.environ["TOKEN_SECRET"],
            algorithms=["HS256"],
            issuer="https://id.example.com",
            audience="https://api.example.com",
        )
    except JWTError:
        raise HTTPException(401, "Could not validate credentials", {"WWW-Authenticate": challenge})
    if not set(scopes.scopes) <= set(claims.get("scope", "").split()):
        raise HTTPException(403, "Not enough permissions", {"WWW-Authenticate": challenge})
    return claims["sub"]


@app.get("/health")
def health():
    return {"status": "ok"}


@app.get("/data")
def data(user: str = Security(get_current_user, scopes=["data:read"])):
    return {"data": "Secure data", "for": user}
