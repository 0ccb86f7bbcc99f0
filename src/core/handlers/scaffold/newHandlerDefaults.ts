/** The first of "zoho-handler", "zoho-handler-2"… that is not among `taken`, which is compared as some disks do. */
export function freeFolderName(taken: readonly string[]): string {
  const names = new Set(taken.map(name => name.toLowerCase()));
  for (let number = 1; ; number++) {
    const name = number === 1 ? "zoho-handler" : `zoho-handler-${number}`;
    if (!names.has(name)) return name;
  }
}

/** Whether a text can be the name of a folder on every system; names with a dot in front hide. */
export function isFolderName(text: string): boolean {
  return /^[\w][\w. -]{0,60}$/.test(text) && !/[. ]$/.test(text) && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(text);
}

/** A port that was typed; undefined for what is none, and for those that only the system's own programs may take. */
export function readPort(text: string): number | undefined {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port >= 1024 && port <= 65_535 ? port : undefined;
}
