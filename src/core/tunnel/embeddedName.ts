/** The embedded relay's name in the vault and the history; its port may differ from one start to the next. */
export const embeddedName = "embedded";
