"""FastAPI on uvicorn, with the middleware of Starlette and python-jose.

In its favour: it checks no host and tells no events, and what it counts is a dict that nobody sweeps (the usual package,
slowapi, is not among Debian's). It is started with its set-up, as JSON, and its port.
"""

import json
import sys
import time

import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from jose import JWTError, jwk, jwt

SETUP = json.loads(sys.argv[1])
PORT = int(sys.argv[2])
KEY = jwk.construct(SETUP["key"], SETUP["algorithm"])
SECURE = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

counts = {}


def count(key):
    """How many requests are left of a fixed window, or none."""
    now = time.monotonic()
    found = counts.get(key)
    if found is None or now >= found[1]:
        found = counts[key] = [0, now + SETUP["seconds"]]
    found[0] += 1
    return SETUP["limit"] - found[0]


app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)


@app.middleware("http")
async def limit_client(request: Request, call_next):
    left = count(request.client.host)
    if left < 0:
        response = Response('{"error":"too_many_requests"}', 429, media_type="application/json")
        response.headers["Retry-After"] = str(SETUP["seconds"])
    else:
        response = await call_next(request)
    response.headers["RateLimit-Limit"] = str(SETUP["limit"])
    response.headers["RateLimit-Remaining"] = str(max(left, 0))
    for name, value in SECURE.items():
        response.headers[name] = value
    return response


app.add_middleware(
    CORSMiddleware,
    allow_origins=SETUP["origins"],
    allow_methods=SETUP["methods"],
    allow_headers=SETUP["headers"],
    expose_headers=SETUP["exposed"],
    max_age=SETUP["maxAge"],
)
bearer = HTTPBearer(auto_error=False)


async def caller(credentials: HTTPAuthorizationCredentials = Depends(bearer)):
    challenge = {"WWW-Authenticate": "Bearer"}
    if credentials is None:
        raise HTTPException(401, "invalid_token", challenge)
    try:
        claims = jwt.decode(
            credentials.credentials,
            KEY,
            algorithms=[SETUP["algorithm"]],
            audience=SETUP["audience"],
            issuer=SETUP["issuer"],
        )
    except JWTError:
        raise HTTPException(401, "invalid_token", challenge) from None
    if count("caller " + claims["sub"]) < 0:
        raise HTTPException(429, "too_many_requests")
    if SETUP["scope"] not in claims.get("scope", "").split(" "):
        raise HTTPException(403, "insufficient_scope")
    return claims


@app.get(SETUP["path"])
async def secure_data(_claims=Depends(caller)):
    return Response(SETUP["body"], media_type="application/json")


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning", access_log=False)
