/* SPDX-License-Identifier: MIT */
#include "commands.h"

/* clang-format off */
static const struct command commands[VTEST_CMD_COUNT] = {
    [VTEST_CMD_GET_CAPS] = {0, LENGTH_FIXED, 0, 0, false, run_get_caps},
    [VTEST_CMD_RESOURCE_CREATE] = {
        0, LENGTH_FIXED, VTEST_RESOURCE_CREATE_DWORDS, 0, true, run_resource_create},
    [VTEST_CMD_RESOURCE_UNREF] = {
        0, LENGTH_FIXED, VTEST_RESOURCE_UNREF_DWORDS, 0, true, run_resource_unref},
    [VTEST_CMD_TRANSFER_GET] = {
        0, LENGTH_FIXED, VTEST_TRANSFER_GET_DWORDS, 0, true, run_transfer_get},
    [VTEST_CMD_TRANSFER_PUT] = {
        0, LENGTH_FIXED, VTEST_TRANSFER_PUT_DATA, 0, true, run_transfer_put, tail_transfer_put},
    [VTEST_CMD_SUBMIT_CMD] = {
        0, LENGTH_COUNTED, 0, SERVER_MAX_SUBMIT_DWORDS, true, run_submit_cmd},
    [VTEST_CMD_RESOURCE_BUSY_WAIT] = {
        0, LENGTH_FIXED, VTEST_RESOURCE_BUSY_WAIT_DWORDS, 0, false, run_resource_busy_wait},
    [VTEST_CMD_CREATE_RENDERER] = {
        0, LENGTH_BYTES, 0, VTEST_LIMIT_MAX_NAME_BYTES / 4, false, run_create_renderer},
    [VTEST_CMD_GET_CAPS2] = {0, LENGTH_FIXED, 0, 0, false, run_get_caps2},
    [VTEST_CMD_PING_PROTOCOL_VERSION] = {
        0, LENGTH_FIXED, 0, 0, false, run_ping_protocol_version},
    [VTEST_CMD_PROTOCOL_VERSION] = {
        0, LENGTH_FIXED, VTEST_PROTOCOL_VERSION_DWORDS, 0, false, run_protocol_version},

    [VTEST_CMD_RESOURCE_CREATE2] = {
        2, LENGTH_FIXED, VTEST_RESOURCE_CREATE2_DWORDS, 0, true, run_resource_create2},
    [VTEST_CMD_TRANSFER_GET2] = {
        2, LENGTH_FIXED, VTEST_TRANSFER_GET2_DWORDS, 0, true, run_transfer_get2},
    [VTEST_CMD_TRANSFER_PUT2] = {
        2, LENGTH_FIXED, VTEST_TRANSFER_PUT2_DWORDS, 0, true, run_transfer_put2},

    [VTEST_CMD_GET_PARAM] = {
        3, LENGTH_FIXED, VTEST_GET_PARAM_DWORDS, 0, false, run_get_param},
    [VTEST_CMD_GET_CAPSET] = {
        3, LENGTH_FIXED, VTEST_GET_CAPSET_DWORDS, 0, false, run_get_capset},
    [VTEST_CMD_CONTEXT_INIT] = {
        3, LENGTH_FIXED, VTEST_CONTEXT_INIT_DWORDS, 0, false, run_context_init},
    [VTEST_CMD_RESOURCE_CREATE_BLOB] = {
        3, LENGTH_FIXED, VTEST_RESOURCE_CREATE_BLOB_DWORDS, 0, true, run_resource_create_blob},
    [VTEST_CMD_SYNC_CREATE] = {
        3, LENGTH_FIXED, VTEST_SYNC_CREATE_DWORDS, 0, true, run_sync_create},
    [VTEST_CMD_SYNC_UNREF] = {
        3, LENGTH_FIXED, VTEST_SYNC_UNREF_DWORDS, 0, true, run_sync_unref},
    [VTEST_CMD_SYNC_READ] = {
        3, LENGTH_FIXED, VTEST_SYNC_READ_DWORDS, 0, true, run_sync_read},
    [VTEST_CMD_SYNC_WRITE] = {
        3, LENGTH_FIXED, VTEST_SYNC_WRITE_DWORDS, 0, true, run_sync_write},
    [VTEST_CMD_SYNC_WAIT] = {
        3, LENGTH_COUNTED, 2, 2 + 3 * SERVER_MAX_WAIT_POINTS, true, run_sync_wait},
    [VTEST_CMD_SUBMIT_CMD2] = {
        3, LENGTH_COUNTED, 1, SERVER_MAX_SUBMIT_DWORDS, true, run_submit_cmd2},
};
/* clang-format on */

const struct command *command_find(uint32_t id)
{
    return id < VTEST_CMD_COUNT && commands[id].run ? &commands[id] : NULL;
}
