import { instance } from '@viz-js/viz';

/**
 * Lay a graph out and draw it, with Graphviz as WebAssembly. Importing this takes a megabyte and a tenth of a second.
 * @param dot in the language of dot(1)
 * @returns an SVG image of its own
 * @throws Error with Graphviz's words for what it can't read
 */
export const renderSvg = async (dot: string): Promise<string> =>
  (await instance()).renderString(dot, { format: 'svg' });
