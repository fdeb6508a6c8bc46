import { createContext, Suspense, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { useLocation } from 'react-router';

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
  // It belongs to the page it was opened on: Back, or a link inside it, leaves it behind.
  const { key } = useLocation();
  useEffect(() => setRender(null), [key]);
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
