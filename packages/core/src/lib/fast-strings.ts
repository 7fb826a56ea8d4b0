/**
 * Has V8 find the members of strings as fast as it can, whatever was loaded before.
 *
 * A class that extends `String`, and ioredis 6 has one, leaves `String.prototype` in the form in which V8 builds prototypes. As
 * long as it is in it, each `length` and `charCodeAt` of each string of the process is looked up anew, which takes six times as long.
 * V8 ends that (`JSObject::MakePrototypesFast`) when an object that inherits from it is given a property: nothing else that code does
 * with strings gives one.
 *
 * @returns that object, so that no minifier takes it for of no use
 */
export function hastenStrings(): object {
  const text = Object('') as { isOfUse?: boolean }
  text.isOfUse = true
  return text
}
