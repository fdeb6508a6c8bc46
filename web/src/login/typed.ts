/** The one-time password between signing in and choosing another, so that nobody types it twice. Kept only in memory, taken once. */
export const typed: { password: string } = { password: '' };

export function takeTyped(): string {
  const { password } = typed;
  typed.password = '';
  return password;
}
