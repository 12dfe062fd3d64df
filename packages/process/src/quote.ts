/** As Go quotes a string, which is how engines know runc's messages. */
export function quote(text: string): string {
  return JSON.stringify(text);
}
