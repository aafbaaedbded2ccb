#!/bin/sh -e
# try.sh FOLDER: make a Debian whose init is Maverick in FOLDER, once, and boot it in QEMU. `poweroff` in there ends it.
# It needs root, debootstrap, e2fsprogs, qemu-system-x86, a mirror of Debian, and some two minutes. MIRROR is another mirror.
folder=${1:?usage: try.sh FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
project=$(cd "$here/../.." && pwd)
mirror=${MIRROR:-http://deb.debian.org/debian}
mkdir -p "$folder"
cd "$folder"

if [ ! -e disk.img ]; then
  packages=linux-image-cloud-amd64,initramfs-tools,udev,dbus,kmod,procps,iproute2,login,libatomic1,libstdc++6
  rm -rf root
  debootstrap --variant=minbase --include=$packages bookworm root "$mirror"
  (cd "$project" && npm run package "$folder/root/opt/upstart")
  ln -sf /opt/upstart/upstart root/sbin/init
  for name in initctl start stop restart reload status telinit runlevel shutdown reboot halt poweroff; do
    ln -sf /opt/upstart/initctl root/sbin/$name
  done
  mkdir -p root/etc/init
  cp "$here"/jobs/*.conf root/etc/init/
  cp "$project/packages/dbus/policy/Upstart.conf" root/etc/dbus-1/system.d/
  echo maverick >root/etc/hostname
  echo '/dev/vda / ext4 errors=remount-ro 0 1' >root/etc/fstab
  chroot root passwd -d root
  cp root/boot/vmlinuz-* vmlinuz
  cp root/boot/initrd.img-* initrd.img
  truncate -s 2G new.img
  mke2fs -q -t ext4 -d root new.img
  rm -rf root
  mv new.img disk.img
fi

# Without the right to KVM the processor is emulated: slow, but the same.
exec qemu-system-x86_64 -accel kvm -accel tcg -cpu max -m 1024 -nographic -no-reboot \
  -kernel vmlinuz -initrd initrd.img -append "root=/dev/vda ro console=ttyS0 quiet $OPTIONS" \
  -drive file=disk.img,format=raw,if=virtio -nic none
