/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What makes a shared object a module of one particular QEMU: two functions. The implementation is
 * a library that this one needs, so that a QEMU update takes one compiler call. Compile with
 * -DSTAMP=<the number after qemu_stamp_ in nm -D of an installed module>.
 */
#define JOIN_(a, b) a##b
#define JOIN(a, b) JOIN_(a, b)
#define EXPORT __attribute__((visibility("default")))

EXPORT void JOIN(qemu_stamp_, STAMP)(void);
EXPORT void qemu_module_dummy(void);
/* In the implementation; named so that the linker keeps the dependency. */
void mantua_gpu_present(void);

void JOIN(qemu_stamp_, STAMP)(void)
{
}

void qemu_module_dummy(void)
{
    mantua_gpu_present();
}
