/** How long anything in the window may take to appear, in milliseconds. */
export const patienceMs = 20_000;
