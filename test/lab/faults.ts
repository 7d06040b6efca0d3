import type { LabNode } from './node.ts';

const unit = (module: string): string => `[Unit]
After=systemd-modules-load.service
Before=ssh.service

[Service]
Type=oneshot
ExecStart=-/sbin/modprobe -r ${module}

[Install]
WantedBy=multi-user.target
`;

/** Has something on the node unload a module at each boot: it exists, is listed and not forbidden, so only a look at the new boot can tell. */
export const unloadAtBoot = async (node: LabNode, module: string): Promise<void> => {
  const text = Buffer.from(unit(module)).toString('base64');
  await node.read(`echo ${text} | base64 -d > /etc/systemd/system/hardening.service && systemctl enable hardening && sync`);
};
