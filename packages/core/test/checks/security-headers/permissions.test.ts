import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDictionary } from 'structured-headers'
import { FEATURES } from '../../../src/checks/security-headers/permissions.ts'
import { headers, insteadOf, mistakesOfHeaders, sent, sentBy } from '../../support/headers.ts'

describe('a Permissions-Policy', () => {
  test('HDR-02: changes stand beside what the preset says', () => {
    const policy = sent({
      permissionsPolicy: {
        camera: ['self', 'https://meet.example.com', 'https://*.meet.example.com', 'self'],
        fullscreen: [],
        usb: 'default',
        'picture-in-picture': '*',
        'ch-ua-model': ['self'],
      },
    })['Permissions-Policy']
    assert.equal(
      policy,
      'camera=(self "https://meet.example.com" "https://*.meet.example.com"), display-capture=(), geolocation=(), ' +
        'hid=(), microphone=(), midi=(), payment=(), serial=(), fullscreen=(), picture-in-picture=*, ch-ua-model=(self)',
    )
    assert.equal(parseDictionary(policy).size, 11, 'a dictionary of RFC 9651')
  })

  test('HDR-02: a rule changes what the policy says, and a text of set is read', () => {
    const policy = headers({
      set: { 'permissions-policy': 'camera=(), midi=*, usb=(self "https://a.example");report-to=x' },
      reporting: { endpoints: { x: 'https://a.example/' } },
    })
    const rule = headers({ permissionsPolicy: { camera: ['self'] } }, policy)
    assert.equal(
      sentBy(rule)['Permissions-Policy'],
      'camera=(self), midi=*, usb=(self "https://a.example");report-to=x',
    )
  })

  test('HDR-02: what says nothing is not sent', () => {
    const policy = headers({ set: { 'Permissions-Policy': 'camera=()' } })
    assert.equal(
      'Permissions-Policy' in sentBy(headers({ permissionsPolicy: { camera: 'default' } }, policy)),
      false,
    )
  })

  const at = 'headers.permissionsPolicy'
  const set = 'headers.set["Permissions-Policy"]'
  const raw = (text: string): object => ({ set: { 'Permissions-Policy': text } })
  const rows: readonly (readonly [name: string, setting: unknown, mistakes: readonly string[]])[] = [
    ['a typo', { permissionsPolicy: { camra: [] } }, [`unknown_option ${at}.camra`]],
    ['a typo in a text', raw('camera=(), micrphone=()'), [`unknown_option ${set}`]],
    ['the syntax of Feature-Policy', raw("camera 'none'"), [`unknown_option ${set}`]],
    ['false, which could mean either', { permissionsPolicy: { camera: false } }, [`wrong_type ${at}.camera`]],
    ['a word for a list', { permissionsPolicy: { camera: 'self' } }, [`wrong_type ${at}.camera`]],
    ['quotes of CSP', { permissionsPolicy: { camera: ["'self'"] } }, [`malformed_value ${at}.camera[0]`]],
    [
      'a path',
      { permissionsPolicy: { camera: ['https://a.example/x'] } },
      [`malformed_value ${at}.camera[0]`],
    ],
    [
      'any port',
      { permissionsPolicy: { camera: ['https://a.example:*'] } },
      [`malformed_value ${at}.camera[0]`],
    ],
    [
      'an end of the member',
      { permissionsPolicy: { camera: ['https://a"), midi=("'] } },
      [`malformed_value ${at}.camera[0]`],
    ],
    ['a word without quotes in a text', raw('camera=(me)'), [`malformed_value ${set}`]],
    ['an origin without quotes in a text', raw('camera=(https://a.example)'), [`malformed_value ${set}`]],
    ['no value in a text', raw('camera'), [`malformed_value ${set}`]],
    ['no object', { permissionsPolicy: [] }, [`wrong_type ${at}`]],
    ['both ways', { permissionsPolicy: {}, ...raw('camera=()') }, [`contradiction ${at}`]],
  ]
  for (const [name, setting, mistakes] of rows) {
    test(`HDR-02: ${name} does not build`, () => assert.deepEqual(mistakesOfHeaders(setting), mistakes))
  }

  test('HDR-02: the nearest spelling is what to write', () => {
    assert.match(insteadOf({ permissionsPolicy: { geolocaton: [] } })[0] ?? '', /"geolocation"/)
  })

  test('HDR-02: the features are in order, and each is there once', () => {
    assert.deepEqual([...new Set(FEATURES)].toSorted(), FEATURES)
  })
})
