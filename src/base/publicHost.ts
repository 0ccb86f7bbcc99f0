const privateNames = /^(localhost|[^.]+|.*\.(local|localhost|internal|lan|home|home\.arpa|test|example|invalid))$/;
const privateNumbers = /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\./;
const privateV6 = /^\[(::1?|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*|::ffff:.*)\]$/;

/** Whether the internet can know this host; by its name alone, nothing is looked up. */
export function isPublic({ hostname }: URL): boolean {
  if (/^[\d.]+$/.test(hostname)) return !privateNumbers.test(hostname);
  return !privateV6.test(hostname) && (hostname.startsWith("[") || !privateNames.test(hostname));
}
