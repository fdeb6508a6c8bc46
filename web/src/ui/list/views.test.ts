import { describe, expect, it } from 'vitest';
import { readViews, withView } from './views';

describe('saved views', () => {
  it('survive whatever the store holds', () => {
    expect(readViews(null)).toEqual([]);
    expect(readViews('nonsense')).toEqual([]);
    expect(readViews('[{"name":"a","search":"q=1"},{"name":3},null]')).toEqual([{ name: 'a', search: 'q=1' }]);
  });

  it('have one meaning per name', () => {
    expect(withView([{ name: 'b', search: '1' }, { name: 'a', search: '2' }], { name: 'b', search: '3' })).toEqual([{ name: 'a', search: '2' }, { name: 'b', search: '3' }]);
  });
});
