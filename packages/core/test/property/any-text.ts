import fc from 'fast-check'

/** Any sequence of UTF-16 code units, lone surrogates too, with those often that readers stumble over. */
export const anyText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }),
      fc.integer({ min: 0x20, max: 0x7e }),
      fc.constantFrom(0, 0x0a, 0x0d, 0x1b, 0x5c, 0x7f, 0x85, 0x9b, 0x2028, 0x202e, 0x2066, 0xd83d, 0xde00),
    ),
    { maxLength: 40 },
  )
  .map((codes) => String.fromCharCode(...codes))
