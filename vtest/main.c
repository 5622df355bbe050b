/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "log.h"
#include "options.h"
#include "server.h"

int main(int argc, char **argv)
{
    struct options options;

    log_init();
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_DONE:
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        return EXIT_FAILURE;
    case OPTIONS_RUN:
        break;
    }
    return server_run(&options);
}
