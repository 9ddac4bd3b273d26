/** The first Java that can no longer be confined from within. */
const FIRST_UNCONFINED = 24;

/** What Java may do while it makes an SDK: read itself, read the document, write the SDK. No network, no programs. */
const POLICY = `grant {
  permission java.lang.RuntimePermission "*";
  permission java.lang.reflect.ReflectPermission "*";
  permission java.util.PropertyPermission "*", "read,write";
  permission java.util.logging.LoggingPermission "control";
  permission java.security.SecurityPermission "*";
  permission java.net.NetPermission "*";
  permission java.io.SerializablePermission "*";
  permission java.io.FilePermission "\${java.home}/-", "read";
  permission java.io.FilePermission "\${sdk.jar}", "read";
  permission java.io.FilePermission "\${sdk.folder}", "read";
  permission java.io.FilePermission "\${sdk.folder}/-", "read";
  permission java.io.FilePermission "\${sdk.folder}/out", "read,write";
  permission java.io.FilePermission "\${sdk.folder}/out/-", "read,write,delete";
  permission java.io.FilePermission "\${sdk.folder}/tmp/-", "read,write,delete";
};
`;

/** The text of the policy file that `confinement` names. */
export function policyText(): string {
  return POLICY;
}

/**
 * Options that keep Java to its folder: by a security manager (https://openjdk.org/jeps/411) as long as there is one,
 * and by a way to the network that leads nowhere in any case.
 * @param folder holds `policy`, `tmp` and `out`.
 */
export function confinement(major: number | null, jar: string, folder: string): string[] {
  const managed = [
    '-Djava.security.manager',
    `-Djava.security.policy==${folder}/policy`,
    `-Dsdk.jar=${jar}`,
    `-Dsdk.folder=${folder}`,
  ];
  return [
    ...(major !== null && major < FIRST_UNCONFINED ? managed : []),
    // Port 9 discards; nobody listens there on a machine of these days.
    '-DsocksProxyHost=127.0.0.1',
    '-DsocksProxyPort=9',
    `-Djava.io.tmpdir=${folder}/tmp`,
    `-Duser.home=${folder}/tmp`,
  ];
}
