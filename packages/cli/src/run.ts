import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { coloursOf } from './colours.ts'
import { doctor, type DoctorOptions, listChecks } from './commands/doctor.ts'
import { explain, type ExplainOptions } from './commands/explain.ts'
import { init, type InitOptions } from './commands/init.ts'
import { type KeyKind, keys, KINDS, type KeysOptions } from './commands/keys.ts'
import { AUTHENTICATIONS, PROXIES } from './commands/policy-text.ts'
import { routes, type RoutesOptions } from './commands/routes.ts'
import { SEVERITIES } from './doctor/check.ts'
import { CliError, EXIT, type ExitCode, type Io, tell } from './io.ts'
import { messageOf } from './load.ts'
import { VERSION } from './version.ts'

const CODES_OF_EXIT = `
Exit codes: 0 nothing found, 1 findings, 2 called wrongly, 3 could not do its work.`

/**
 * Runs one command line, and gives the exit code. It writes to `io` alone, and ends no process.
 *
 * @example
 * process.exitCode = await run(process.argv.slice(2), io)
 */
export async function run(args: readonly string[], io: Io): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok
  const program = programOf(io, (ended) => (code = ended))
  try {
    await program.parseAsync([...args], { from: 'user' })
    return code
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    const { red } = coloursOf(io)
    if (error instanceof CliError) {
      tell(io, `${red('gatehouse:')} ${error.message}`)
      return error.exitCode
    }
    tell(io, `${red('gatehouse:')} ${messageOf(error)}`)
    return EXIT.failed
  }
}

function programOf(io: Io, end: (code: ExitCode) => void): Command {
  const colours = coloursOf(io)
  const program = new Command('gatehouse')
    .description('Looks at a Gatehouse policy, and at the API that runs behind it.')
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError('(gatehouse --help lists what there is)')
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => Math.min(io.columns, 100),
      getErrHelpWidth: () => Math.min(io.columns, 100),
      getOutHasColors: () => colours.isColorSupported,
      getErrHasColors: () => colours.isColorSupported,
    })
    .configureHelp({ styleTitle: (title) => colours.bold(title) })
    .addHelpText('after', CODES_OF_EXIT)

  program
    .command('doctor')
    .description('Finds what is unwise in a policy, a running API and their project.')
    .argument('[policy-file]', 'a module that exports a gate or a policy; looked for when it is not named')
    .option('--url <url>', 'probe the API that runs there, with a few dozen requests')
    .option('--http <url>', 'where plain http is, if that is not port 80')
    .option('--ca <file>', 'trust these certificates besides those of Node.js (PEM)')
    .option('--resolve <name=address>', 'find this name there, and not in the DNS')
    .option('--issuer <url>', 'look at this issuer instead of those of the policy; repeatable', collect)
    .option('--safe', 'send nothing but GET, HEAD and OPTIONS')
    .option(
      '--silence <code>',
      'leave a finding out; repeatable. With its reason it stands in gatehouse.json',
      collect,
    )
    .addOption(
      new Option('--fail-on <severity>', 'what makes the exit code 1; error unless said').choices(SEVERITIES),
    )
    .option('--instances <n>', 'how many processes serve the API', wholeNumber(1, 100_000))
    .option('--timeout <ms>', 'how long one answer may take', wholeNumber(100, 60_000), 5000)
    .option('--no-audit', 'do not ask the package manager for known holes and newer versions')
    .option('--no-project', 'do not look at package.json, Dockerfile and the like')
    .option('--no-policy', 'do not look for a policy')
    .option('--json', 'print JSON')
    .option('--sarif', 'print SARIF 2.1.0, for code scanning')
    .option('--output <file>', 'write JSON or SARIF there, and print the text')
    .option('--config <file>', 'read this instead of gatehouse.json and package.json')
    .option('--list', 'list every check, and do nothing')
    .option('--quiet', 'show no progress')
    .option('--verbose', 'show progress where no person watches, too')
    .addHelpText(
      'after',
      `
Examples:
  gatehouse doctor                               the policy of this folder, and its project
  gatehouse doctor src/gate.ts --fail-on warning
  gatehouse doctor --url https://api.example.com/orders
  gatehouse doctor --sarif --output doctor.sarif
  gatehouse doctor --silence policy.trusted-hops

Every code is in docs/doctor.md.${CODES_OF_EXIT}`,
    )
    .action(async (file: string | undefined, options: DoctorOptions & { readonly list?: boolean }) => {
      if (options.list === true) listChecks(io)
      else end(await doctor(file, options, io))
    })

  program
    .command('routes')
    .description('Prints every route with who may call it and what guards it; fails when one is unguarded.')
    .argument('[policy-file]', 'a module that exports a gate or a policy')
    .option('--json', 'print JSON')
    .option('--against <file>', 'fail on whatever is not as in what --json once wrote, as after an upgrade')
    .addHelpText(
      'after',
      `\nExamples:\n  gatehouse routes\n  gatehouse routes src/gate.ts --json > routes.json\n  gatehouse routes src/gate.ts --against routes.json${CODES_OF_EXIT}`,
    )
    .action(async (file: string | undefined, options: RoutesOptions) => end(await routes(file, options, io)))

  program
    .command('explain')
    .description('Walks one request through the policy, and says what each part of its rule says.')
    .argument('<method>', 'GET, POST, ...')
    .argument('<url>', 'a path or a URL')
    .option('--policy <file>', 'a module that exports a gate or a policy')
    .option('--as <subject>', 'who is calling; nobody unless said')
    .option('--issuer <issuer>', 'who says so')
    .option('--scheme <name>', 'by which scheme')
    .option('--scope <scope>', 'a scope of the caller; repeatable', collect)
    .option('--role <role>', 'a role of the caller; repeatable', collect)
    .option('--permission <name>', 'a permission of the caller; repeatable', collect)
    .option('--claim <name=value>', 'a claim of the caller, JSON or text; repeatable', collect)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  gatehouse explain GET /orders/7
  gatehouse explain DELETE https://api.example.com/orders/7 --as alice --role admin

The exit code is 1 when the request would be refused.${CODES_OF_EXIT}`,
    )
    .action(async (method: string, url: string, options: ExplainOptions) =>
      end(await explain(method, url, options, io)),
    )

  program
    .command('keys')
    .description('Makes a signing key, a secret or an API key.')
    .addArgument(new Argument('<kind>', 'what to make').choices(KINDS))
    .option('--out <file>', 'where the secret goes (0600); the public half goes to <file>.pub')
    .option('--stdout', 'print the secret')
    .addOption(
      new Option('--format <format>', 'how a pair is written; jwk unless said').choices(['jwk', 'pem']),
    )
    .option('--kid <name>', 'the name of a JWK; its thumbprint unless said')
    .option('--prefix <prefix>', 'what an API key is for; key unless said')
    .option('--bytes <n>', 'how long an HMAC secret is; 64 unless said', wholeNumber(32, 1024))
    .option('--bits <n>', 'how long an RSA key is; 3072 unless said', wholeNumber(2048, 8192))
    .option('--force', 'overwrite the file')
    .addHelpText(
      'after',
      `
Examples:
  gatehouse keys ed25519 --out keys/signing.json
  gatehouse keys rs256 --format pem --out keys/signing.pem
  gatehouse keys hmac --stdout
  gatehouse keys webhook --out hooks.secret
  gatehouse keys api-key --prefix acme_live --out alice.key     prints { id, hash } to keep${CODES_OF_EXIT}`,
    )
    .action((kind: KeyKind, options: KeysOptions) => end(keys(kind, options, io)))

  program
    .command('init')
    .description('Writes a first policy by asking.')
    .option('--out <file>', 'where to', 'gate.ts')
    .option('--host <host>', 'the host that clients call; repeatable', collect)
    .addOption(new Option('--auth <scheme>', 'how callers are known').choices(AUTHENTICATIONS))
    .option('--issuer <url>', 'who issues the tokens')
    .option('--audience <name>', 'who the API is in its tokens')
    .option('--origin <origin>', 'a page that calls it; repeatable', collect)
    .addOption(new Option('--proxy <proxy>', 'what stands before the server').choices(PROXIES))
    .option('--login', 'there is a route where users log in')
    .option('--yes', 'ask nothing')
    .option('--force', 'overwrite the file')
    .addHelpText(
      'after',
      `
Examples:
  gatehouse init
  gatehouse init --yes --host api.example.com --auth jwt --issuer https://id.example.com${CODES_OF_EXIT}`,
    )
    .action(async (options: InitOptions) => end(await init(options, io)))
  return program
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Write a whole number from ${min} to ${max}.`)
  }
}
