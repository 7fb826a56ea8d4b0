import {
  Body,
  Controller,
  type DynamicModule,
  Get,
  Inject,
  Module,
  Post,
  UnprocessableEntityException,
} from '@nestjs/common'
import { Allow, CurrentPrincipal, GATEHOUSE, GatehouseModule } from '@gatehouse/adapter-nest'
import type { Gate, JwtPrincipal, SecurityEvent } from '@gatehouse/core'

@Controller()
class ApiController {
  @Get('health')
  health(): object {
    return { status: 'ok' }
  }

  @Allow({ scopes: ['data:read'] })
  @Get('secure-data')
  secureData(@CurrentPrincipal() caller: JwtPrincipal): object {
    return { data: 'Secure data', for: caller.subject }
  }

  @Allow({ scopes: ['notes:write'] })
  @Post('notes')
  note(@Body() body: { readonly text?: unknown }, @CurrentPrincipal() caller: JwtPrincipal): object {
    const { text } = body
    if (typeof text !== 'string') throw new UnprocessableEntityException()
    return { text, by: caller.subject }
  }
}

/** Asked of the policy: `/admin/*` is for admins. */
@Controller('admin')
class AdminController {
  readonly #events: SecurityEvent[] = []

  constructor(@Inject(GATEHOUSE) gate: Gate<JwtPrincipal>) {
    gate.events.on('event', (event) => {
      this.#events.unshift(event)
      if (this.#events.length > 100) this.#events.pop()
    })
  }

  @Get('events')
  events(): object {
    return { events: this.#events }
  }
}

@Module({ controllers: [ApiController, AdminController] })
class AppModule {}

/** The application, with the gate in front of it. */
export function appOf(gate: Gate<JwtPrincipal>): DynamicModule {
  return { module: AppModule, imports: [GatehouseModule.forRoot(gate)] }
}
