/**
 * One spelling for those that an application may take for one name: the Unicode form NFKC, in lower case, without white
 * space around it. A text that was folded stays as it is.
 *
 * @see UAX #15
 */
export function foldText(text: string): string {
  return text.normalize('NFKC').toLowerCase().normalize('NFKC').trim()
}
