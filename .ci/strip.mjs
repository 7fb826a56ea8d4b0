// node --import ./.ci/strip.mjs: loads TypeScript with its types blanked out, for tests.
//
// A type becomes spaces, so that every other character stays where it was: stack traces and the numbers of coverage are those
// of the source without a source map. Kept by the hash of its source in node_modules/.gatehouse, a module is stripped once for
// all the processes of a run, and these start in half of the time that tsx takes.
import * as module from 'node:module'
import * as hooks from './strip-hooks.mjs'

// In the same thread where Node can (22.15 and newer).
if (module.registerHooks !== undefined) module.registerHooks(hooks)
else module.register('./strip-hooks.mjs', import.meta.url)
// Decorators are compiled, and not where they were.
process.setSourceMapsEnabled(true)
