/** The part of VS Code that settings are read with, and sentences and menus made. Tests change {@link values} and tell of it with {@link changed}. */
interface Change {
  affectsConfiguration(id: string): boolean;
}

export const values = new Map<string, unknown>();
/** The settings that were asked for, in order. */
export const asked: string[] = [];
const listeners = new Set<(change: Change) => void>();

export function changed(id: string, value: unknown): void {
  values.set(id, value);
  for (const listener of listeners) listener({ affectsConfiguration: each => each === id });
}

export const workspace = {
  getConfiguration: () => ({
    get: (id: string): unknown => {
      asked.push(id);
      return values.get(id);
    },
    inspect: () => ({ defaultValue: "" }),
  }),
  onDidChangeConfiguration: (listener: (change: Change) => void) => {
    listeners.add(listener);
    return { dispose: () => listeners.delete(listener) };
  },
};

export const QuickPickItemKind = { Separator: -1 };

export const l10n = { t: (sentence: string): string => sentence };
