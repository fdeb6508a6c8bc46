/** The mark: rows of a muster roll, the last one in line. */
export function Brand() {
  return (
    <span className="mu-brand">
      <svg viewBox="0 0 32 32" width="28" height="28" aria-hidden="true">
        <rect width="32" height="32" rx="7" fill="#0b3d66" />
        <rect x="6" y="8" width="20" height="4" rx="2" fill="#fff" />
        <rect x="6" y="14" width="20" height="4" rx="2" fill="#fff" />
        <rect x="6" y="20" width="20" height="4" rx="2" fill="#7fd1a0" />
      </svg>
      <span className="mu-brand-name">Muster</span>
    </span>
  );
}
