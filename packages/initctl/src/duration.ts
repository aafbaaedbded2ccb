const SECOND = 1000;
const UNITS = [
  { unit: 'd', ms: 24 * 3600 * SECOND },
  { unit: 'h', ms: 3600 * SECOND },
  { unit: 'min', ms: 60 * SECOND },
  { unit: 's', ms: SECOND },
] as const;

/** A span of time in its two largest units: `2 d 3 h`, `5 min 1 s`, `0 s`. */
export const durationText = (ms: number): string => {
  let rest = Math.max(0, Math.floor(ms / SECOND) * SECOND);
  const parts: string[] = [];
  for (const { unit, ms: size } of UNITS) {
    if (rest >= size) parts.push(`${Math.floor(rest / size)} ${unit}`);
    rest %= size;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
};

/** CLOCK_MONOTONIC, by which the daemon tells times. */
export const monotonicMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * SECOND + nanoseconds / 1e6;
};

const digits = (value: number): string => String(value).padStart(2, '0');

/** Local time as `YYYY-MM-DD HH:MM:SS`. */
export const wallText = (time: Date): string => {
  const date = [time.getFullYear(), digits(time.getMonth() + 1), digits(time.getDate())].join('-');
  return `${date} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(digits).join(':')}`;
};
