/* SPDX-License-Identifier: MIT */
#ifndef GUEST_QEMU_H
#define GUEST_QEMU_H

/* The QEMU process behind a guest: its life, and the qtest and QMP sockets. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct guest_options;
struct guest_qemu;

struct guest_qemu *guest_qemu_start(const struct guest_options *options);
void guest_qemu_stop(struct guest_qemu *qemu);
void *guest_qemu_ram(struct guest_qemu *qemu, uint64_t *bytes);

/* One qtest command without newline; the number in the reply, or 0. */
uint64_t guest_qemu_qtest(struct guest_qemu *qemu, const char *command);
/* One QMP command; its reply line, to be freed with g_free. */
char *guest_qemu_qmp(struct guest_qemu *qemu, const char *command);
/* Memory that the QEMU process holds now. */
uint64_t guest_qemu_resident_bytes(const struct guest_qemu *qemu);
/* Private folder of this QEMU, removed at its end. */
const char *guest_qemu_folder(const struct guest_qemu *qemu);

#endif
