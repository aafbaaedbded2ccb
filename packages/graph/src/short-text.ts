/** As many characters as a name has room for in a drawing. Instances and events are named by whoever calls, at any length. */
const MOST = 60;

/** A name that would push all else out of a drawing, cut; whoever draws shows the whole one as its title. */
export const shortText = (text: string): string => {
  if (text.length <= MOST) return text;
  const characters = [...text];
  return characters.length <= MOST ? text : `${characters.slice(0, MOST - 1).join('')}…`;
};
