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
  /** The unit that its scriptlets restart where it replaces another version. */
  readonly restarts?: string;
  /** When it was put on the machine. */
  readonly installedAt?: number;
};
/** What is installed, and what could be. */
export type Packages = {
  readonly installed: Map<string, Package>;
  /** What the repositories have newest. */
  readonly available: ReadonlyMap<string, Package>;
  /** All that the repositories have, of packages of which they have several versions. */
  readonly offers: ReadonlyMap<string, readonly Package[]>;
  /** What a person keeps at its version (apt-mark(8)). */
  readonly held: Set<string>;
};

/** The versions of a package that the repositories have. */
export const offersOf = ({ available, offers }: Packages, name: string): readonly Package[] => {
  const one = available.get(name);
  return offers.get(name) ?? (one === undefined ? [] : [one]);
};
