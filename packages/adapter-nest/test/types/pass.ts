// Compiled, never run: what a handler of Nest knows of its caller, and what its rule is told.
import { Controller, Get, Inject, Module, Req } from '@nestjs/common'
import { basic, type BasicPrincipal, type Gate, gatehouse, type Pass } from '@gatehouse/core'
import { assertType, type Equals } from '../../../core/test/support/types.ts'
import { Allow, CurrentPass, CurrentPrincipal, GATEHOUSE, GatehouseModule, passOf } from '../../src/index.ts'

const gate = gatehouse({
  hosts: ['api.example.com'],
  authenticate: basic({ verify: (user) => ({ subject: user }) }),
})

@Controller()
class Users {
  @Inject(GATEHOUSE) readonly injected!: Gate<BasicPrincipal>

  // The gate says the type; decorators cannot know that of their parameter.
  @Allow<BasicPrincipal>({ when: ({ username }) => username === 'alice' })
  @Get('users')
  users(@Req() request: object, @CurrentPass() own: Pass<BasicPrincipal>): string {
    const pass = passOf(this.injected, request)
    assertType<Equals<typeof pass, Pass<BasicPrincipal>>>()
    // @ts-expect-error: there is no such member
    void pass.principal.none
    return own.principal.username
  }

  // @ts-expect-error: not an option of a rule
  @Allow({ scope: ['data:read'] })
  @Get('wrong')
  wrong(@CurrentPrincipal() caller: BasicPrincipal): string {
    return caller.username
  }

  // @ts-expect-error: the caller has no such member
  @Allow<BasicPrincipal>({ when: (principal) => principal.none === true })
  @Get('wrong-too')
  wrongToo(): void {}
}

const HOST = Symbol('host')
const late = GatehouseModule.forRootAsync({ inject: [HOST], useFactory: (_host: string) => gate })
Module({ imports: [late, GatehouseModule.forRoot(gate)], controllers: [Users] })(Users)
// @ts-expect-error: no gate
GatehouseModule.forRoot({ hosts: ['api.example.com'] })
