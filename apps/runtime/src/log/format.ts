export type LogFormat = 'text' | 'json';
export type Level = 'error' | 'warning' | 'debug';

export interface Entry {
  readonly level: Level;
  readonly message: string;
  readonly time: Date;
}

/** One line of a log file, as logrus writes it: engines read runc's logs, and so ours. */
export function formatEntry(entry: Entry, format: LogFormat): string {
  return format === 'json' ? json(entry) : text(entry);
}

function json({ level, message, time }: Entry): string {
  const fields = JSON.stringify({ level, msg: message, time: second(time) });
  // As Go's encoder escapes them.
  return `${fields.replace(/[<>&\u2028\u2029]/g, unicodeEscape)}\n`;
}

function text({ level, message, time }: Entry): string {
  return `time="${second(time)}" level=${level} msg=${quote(message)}\n`;
}

function second(time: Date): string {
  return `${time.toISOString().slice(0, -'.000Z'.length)}Z`;
}

/** logrus leaves these characters bare and quotes everything else as Go does. */
function quote(message: string): string {
  if (/^[\w\-./@^+]+$/.test(message)) return message;
  return JSON.stringify(message)
    .replace(/\u007f/g, '\\x7f')
    .replace(/\\u00([01]\w)/g, '\\x$1');
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
