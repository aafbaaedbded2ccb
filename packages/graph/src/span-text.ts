const UNITS = [
  { unit: 'd', ms: 86_400_000 },
  { unit: 'h', ms: 3_600_000 },
  { unit: 'min', ms: 60_000 },
  { unit: 's', ms: 1000 },
] as const;

/** A span of time: to the millisecond below a minute (`0.213 s`), above that in its two largest units (`2 h 3 min`). */
export const spanText = (ms: number): string => {
  if (ms < 59_999.5) return `${(Math.max(0, ms) / 1000).toFixed(3)} s`;
  const seconds = Math.round(ms / 1000) * 1000;
  const first = UNITS.findIndex(({ ms: size }) => seconds >= size);
  let rest = seconds;
  const parts = UNITS.map(({ unit, ms: size }) => {
    const count = Math.floor(rest / size);
    rest %= size;
    return `${count} ${unit}`;
  });
  return parts.slice(first, first + 2).join(' ');
};
