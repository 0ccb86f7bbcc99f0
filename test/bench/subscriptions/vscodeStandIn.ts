/**
 * The part of VS Code that the subscriptions tree is built with, as plain objects, so that the tree's own work can be
 * measured in a process without VS Code. What VS Code does with the rows is measured in the editor (test/editor).
 */
import { Emitter } from "../../../src/base/lifecycle.ts";

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;

export class TreeItem {
  readonly label: string;
  readonly collapsibleState: number;

  constructor(label: string, collapsibleState = 0) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

export class ThemeColor {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export class ThemeIcon extends ThemeColor {
  readonly color: ThemeColor | undefined;

  constructor(id: string, color?: ThemeColor) {
    super(id);
    this.color = color;
  }
}

export class MarkdownString {
  value = "";

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }

  appendText(text: string): this {
    this.value += text.replace(/[\\`*_{}[\]()#+\-!~]/g, String.raw`\$&`).replaceAll("\n", "\n\n");
    return this;
  }
}

export { Emitter as EventEmitter };

export const l10n = {
  t: (text: string, ...values: readonly unknown[]): string =>
    text.replace(/\{(\d+)\}/g, (_, index: string) => String(values[Number(index)])),
};

export const window = {
  createTreeView: () => ({
    visible: true,
    message: "",
    onDidChangeVisibility: () => ({ dispose: () => undefined }),
    dispose: () => undefined,
  }),
};
