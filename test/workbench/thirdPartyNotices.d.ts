/** A package of others that is in a bundle. */
export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** By its SPDX name. */
  readonly license: string;
  /** The texts of its licence files. */
  readonly text: string;
}

export function bundledPackages(inputs: Iterable<string>): BundledPackage[];
export function noticesText(packages: readonly BundledPackage[]): string;
