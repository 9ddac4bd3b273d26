import { describe, expect, it } from '@jest/globals';
import { keepMasked, SCOPES } from '#core';
import type { Scope } from '#core';
import { HeaderView } from './header-view.js';

const headers = { Authorization: 'Bearer s3cret', 'x-tenant': '7' };
const hidden = { Authorization: 'xxxx', 'x-tenant': 'xxxx' };
const with_ = (...scopes: Scope[]) => ({ scopes: new Set(scopes) });

describe('HeaderView', () => {
  it.each([
    [with_(...SCOPES), headers],
    [with_('manage'), headers],
    [with_('admin'), headers],
    [with_('read'), hidden],
    [with_('read', 'schedule'), hidden],
    [with_(), hidden],
  ])('shows values to those who may change them alone (%j)', (caller, want) => {
    expect(new HeaderView('plain').values(caller, headers)).toEqual(want);
  });

  it('shows values to nobody when they are masked', () => {
    expect(new HeaderView('masked').values(with_(...SCOPES), headers)).toEqual(hidden);
  });

  it('hides user and password of an address, and nothing else', () => {
    const view = new HeaderView('masked');
    const caller = with_('read');
    expect(view.address(caller, 'https://user:s3c@ret@host/a@b?c=d')).toBe('https://xxxx@host/a@b?c=d');
    expect(view.address(caller, 'https://host/a@b')).toBe('https://host/a@b');
  });

  it('shows what, sent back, changes nothing', () => {
    const shown = new HeaderView('masked').values(with_('read'), headers);
    expect(keepMasked({ ...shown, 'X-TENANT': 'xxxx', 'x-new': 'xxxx' }, headers)).toMatchObject({
      ...{ Authorization: 'Bearer s3cret', 'X-TENANT': '7', 'x-new': 'xxxx' },
    });
  });
});
