import { createContext, Suspense, useCallback, useContext, useMemo, useRef, useState, type ReactNode } from 'react';

type Render = (close: () => void) => ReactNode;

const Context = createContext<{ open: (render: Render) => void }>({ open: () => undefined });

/** Where plan drawers open: one at a time, over whichever page asked. */
export function PlanHost({ children }: { children: ReactNode }) {
  const [render, setRender] = useState<Render | null>(null);
  const from = useRef<HTMLElement | null>(null);
  const close = useCallback(() => {
    setRender(null);
    from.current?.focus();
  }, []);
  const value = useMemo(() => ({
    open: (next: Render) => {
      from.current = document.activeElement as HTMLElement | null;
      setRender(() => next);
    },
  }), []);
  return (
    <Context.Provider value={value}>
      {children}
      <Suspense>{render?.(close)}</Suspense>
    </Context.Provider>
  );
}

export const usePlanHost = () => useContext(Context);
