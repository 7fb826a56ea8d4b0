// A reporter for node --test that tells what failed, and how many tests passed. A run without a test is told as a failure.
export default async function* brief(source) {
  let passed = 0
  let failed = 0
  for await (const { type, data } of source) {
    if (data?.details?.type === 'suite') continue
    if (type === 'test:pass') passed++
    if (type !== 'test:fail') continue
    failed++
    const { error } = data.details
    yield `\nnot ok: ${data.name} (${data.file ?? ''})\n${error.cause?.stack ?? error.stack ?? error.message}\n`
  }
  if (passed === 0) process.exitCode = 1
  yield `${passed} passed, ${failed} failed\n`
}
