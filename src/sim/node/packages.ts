import type { Unit } from './units.ts';

/** A package of a repository; `units` come with it. */
export type Package = {
  readonly version: string;
  readonly arch: string;
  readonly units?: readonly {
    readonly name: string;
    readonly description: string;
    readonly file: Unit['file'];
    readonly starts: boolean;
  }[];
  /** The version of a kernel that comes with it and that the next boot starts. */
  readonly kernel?: string;
};
/** What is installed, and what could be. */
export type Packages = { readonly installed: Map<string, Package>; readonly available: ReadonlyMap<string, Package> };
