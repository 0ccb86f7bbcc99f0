export type Child = Node | string | undefined;

export interface ElementOptions {
  readonly className?: string;
  /** Attributes by name: roles, states, ids. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly onClick?: (event: MouseEvent) => void;
}

/** Makes an element. Strings among the children become text, never markup. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  options: ElementOptions = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  if (options.className !== undefined) made.className = options.className;
  for (const [name, value] of Object.entries(options.attributes ?? {})) made.setAttribute(name, value);
  const { onClick } = options;
  if (onClick !== undefined) made.addEventListener("click", event => onClick(event as MouseEvent));
  made.append(...children.filter(child => child !== undefined));
  return made;
}

/** A codicon: decoration only, so that it is not read aloud. */
export function icon(name: string, className = ""): HTMLElement {
  return element("span", {
    className: `codicon codicon-${name} ${className}`.trim(),
    attributes: { "aria-hidden": "true" },
  });
}

export interface ButtonOptions {
  readonly icon?: string;
  /** Shown beside the icon. */
  readonly text?: string;
  /** The accessible name, and the tooltip of a button without text. */
  readonly label: string;
  readonly className?: string;
  readonly onClick: () => void;
}

export function button(options: ButtonOptions): HTMLButtonElement {
  const { text, label, className = "" } = options;
  const name: Record<string, string> = text === undefined ? { "aria-label": label, title: label } : { title: label };
  return element(
    "button",
    {
      className: `${text === undefined ? "icon-button" : "text-button"} ${className}`.trim(),
      attributes: { type: "button", ...name },
      onClick: options.onClick,
    },
    options.icon === undefined ? undefined : icon(options.icon),
    text === undefined ? undefined : element("span", {}, text),
  );
}

/** Sets an attribute, or takes it away when there is no value. */
export function setAttribute(target: Element, name: string, value: string | undefined): void {
  if (value === undefined) target.removeAttribute(name);
  else target.setAttribute(name, value);
}
