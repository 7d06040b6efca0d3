import { describe, expect, it } from 'vitest';
import { addressTrouble, bareAddress, isCidr } from '../../src/core/ipv4.ts';

describe('an address with its gateway', () => {
  it.each([
    ['10.77.1.11/23', '10.77.0.1'],
    ['10.77.0.255/23', '10.77.0.1'],
    ['192.168.0.0/31', '192.168.0.1'],
    ['0.0.0.1/0', '255.255.255.254'],
  ])('%s by %s is right', (address, gateway) => {
    expect(addressTrouble({ address, gateway })).toEqual([]);
  });

  it.each([
    [
      '10.77.1.11/24',
      '10.77.0.1',
      ['the gateway 10.77.0.1 is outside of 10.77.1.11/24 (10.77.1.0 to 10.77.1.255): address, prefix or gateway is wrong'],
    ],
    [
      '10.77.1.11/32',
      '10.77.1.1',
      ['the gateway 10.77.1.1 is outside of 10.77.1.11/32 (10.77.1.11 to 10.77.1.11): address, prefix or gateway is wrong'],
    ],
    ['10.77.1.0/24', '10.77.1.1', ['10.77.1.0/24 is the address of its network']],
    ['10.77.1.127/25', '10.77.1.1', ['10.77.1.127/25 is the broadcast address of its network']],
    ['10.77.1.11/24', '10.77.1.255', ['the gateway 10.77.1.255 is the broadcast address of its network']],
    ['10.77.1.1/24', '10.77.1.1', ["10.77.1.1 is its gateway's own address"]],
    ['239.1.2.3/24', '239.1.2.1', ['239.1.2.3/24 is no address of one machine']],
    [
      '10.77.1.255/24',
      '10.77.2.1',
      [
        '10.77.1.255/24 is the broadcast address of its network',
        'the gateway 10.77.2.1 is outside of 10.77.1.255/24 (10.77.1.0 to 10.77.1.255): address, prefix or gateway is wrong',
      ],
    ],
    ['10.77.1/24', '10.77.1.1', ['10.77.1/24 is not an IPv4 address with a prefix, like 10.77.1.11/23']],
    ['10.77.1.11/24', 'gateway', ['the gateway gateway is not an IPv4 address']],
  ] as const)('%s by %s is not', (address, gateway, trouble) => {
    expect(addressTrouble({ address, gateway })).toEqual(trouble);
  });

  it('is read strictly, as nmcli reads it', () => {
    for (const text of ['10.77.1.256/24', '10.77.1.11/33', '10.77.1.11', '010.77.1.11/24', '10.77.1.11/24/1', 'x/24', '1.2.3.4/'])
      expect(isCidr(text), text).toBe(false);
    expect(isCidr('255.255.255.255/32')).toBe(true);
    expect(bareAddress('10.77.1.11/23')).toBe('10.77.1.11');
  });
});
