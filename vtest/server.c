/* SPDX-License-Identifier: MIT */
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "client.h"
#include "listener.h"
#include "log.h"

/* Clients of one process. */
#define CLIENTS_MAX 256

/* Wait before the next try when the system cannot accept a connection now. */
#define ACCEPT_PAUSE_NS 100000000

/* Between two looks at a fence where the renderer has no thread that waits for it. */
#define FENCE_POLL_NS 50000

struct server {
    const struct options *options;
    struct listener listener; /* fd -1 when this process accepts nobody */
    struct server_context shared;
    struct children children;
    struct client *clients;
    unsigned client_count;
    unsigned clients_seen;
    int signal_fd;
    bool accept_pause;
    bool stop;
};

/* What a turn of the loop waits for. */
struct waitlist {
    struct pollfd fds[3 + 2 * CLIENTS_MAX];
    unsigned count;
    int listener; /* positions in fds, -1: not among them */
    int fences;
};

static int save_file(const struct server *server, unsigned client_number)
{
    const char *path = server->options->save_path;
    char name[4096];
    int fd;

    if (!path) {
        return -1;
    }
    if (client_number > 1) {
        snprintf(name, sizeof(name), "%s.%u", path, client_number);
        path = name;
    }
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0) {
        log_message(LOG_ERROR, "VTEST_SAVE: cannot write %s: %s", path, strerror(errno));
    }
    return fd;
}

static void add_client(struct server *server, int fd, bool is_socket)
{
    unsigned number = server->clients_seen;
    struct client *client =
        client_create(&server->shared, fd, is_socket, number, save_file(server, number));

    if (!client) {
        log_message(LOG_ERROR, "client %u: no memory", number);
        return;
    }
    client->next = server->clients;
    server->clients = client;
    server->client_count++;
}

static void remove_client(struct server *server, struct client **link)
{
    struct client *client = *link;
    int save_fd = client->inbox.save_fd;

    *link = client->next;
    server->client_count--;
    client_destroy(client);
    if (save_fd >= 0) {
        close(save_fd);
    }
}

/* Tells what the signals want: SIGCHLD is looked after, all others end the server. */
static void read_signals(struct server *server)
{
    struct signalfd_siginfo info;

    while (read(server->signal_fd, &info, sizeof(info)) == sizeof(info)) {
        if (info.ssi_signo != SIGCHLD) {
            server->stop = true;
        }
    }
    children_reap(&server->children);
}

/* The next connection, or -1. */
static int accept_client(struct server *server)
{
    int fd = listener_accept(&server->listener);

    if (fd >= 0) {
        server->clients_seen++;
        return fd;
    }
    if (fd != -EAGAIN && fd != -ECONNABORTED) {
        log_message(LOG_ERROR, "cannot accept a client: %s", strerror(-fd));
        server->accept_pause = true;
    }
    return -1;
}

static int waitlist_add(struct waitlist *list, int fd, short events)
{
    list->fds[list->count] = (struct pollfd) {.fd = fd, .events = events};
    return (int) list->count++;
}

/* Waits for what is on the list. nanoseconds < 0: as long as it takes. */
static bool waitlist_wait(struct waitlist *list, long nanoseconds)
{
    struct timespec timeout = {.tv_nsec = nanoseconds};

    return ppoll(list->fds, list->count, nanoseconds < 0 ? NULL : &timeout, NULL) > 0;
}

static bool has_come(const struct waitlist *list, int position)
{
    return position >= 0 && list->fds[position].revents != 0;
}

static bool wants_clients(const struct server *server)
{
    unsigned most = server->options->mode == MODE_MULTI_CLIENTS ? CLIENTS_MAX : 1;

    return server->listener.fd >= 0 && !server->accept_pause && server->client_count < most;
}

/* Does anybody wait for the renderer? Nobody else has to be woken by it. */
static bool somebody_waits(const struct server *server)
{
    for (const struct client *client = server->clients; client; client = client->next) {
        if (client->waiting ||
            (client->capset_id && host_has_ring_fences(server->shared.host, client->ctx_id))) {
            return true;
        }
    }
    return false;
}

/* Sleep until something happens. Clients' entries come last, in the order of the list. */
static unsigned wait_for_events(struct server *server, struct waitlist *list)
{
    struct host *host = server->shared.host;
    long nanoseconds = server->accept_pause ? ACCEPT_PAUSE_NS : -1;
    unsigned first_client;

    *list = (struct waitlist) {.listener = -1, .fences = -1};
    waitlist_add(list, server->signal_fd, POLLIN);
    if (wants_clients(server)) {
        list->listener = waitlist_add(list, server->listener.fd, POLLIN);
    }
    if (host) {
        /* Let the GPU begin with what was submitted. */
        host_fence_work(host);
        if (somebody_waits(server)) {
            if (host_poll_fd(host) >= 0) {
                list->fences = waitlist_add(list, host_poll_fd(host), POLLIN);
            } else {
                nanoseconds = FENCE_POLL_NS;
            }
        }
    }
    first_client = list->count;
    for (struct client *client = server->clients; client; client = client->next) {
        waitlist_add(list, client->fd, client_events(client));
    }
    for (struct client *client = server->clients; client; client = client->next) {
        if (client->capset_id && host_has_ring_fences(host, client->ctx_id)) {
            int fd = host_context_poll_fd(host, client->ctx_id);

            if (fd >= 0) {
                waitlist_add(list, fd, POLLIN);
            }
        }
    }
    waitlist_wait(list, nanoseconds);
    server->accept_pause = false;
    return first_client;
}

static void run_client(struct client *client, short events)
{
    bool readable = events & (POLLIN | POLLHUP | POLLERR);

    if (client->waiting && (events & (POLLHUP | POLLERR))) {
        /* Gone while it waited: there is nobody to answer. */
        client->ended = true;
        return;
    }
    if (events || client->waiting) {
        client_run(client, readable && client_events(client) == POLLIN);
        if (!client->ended && (events & (POLLHUP | POLLERR)) && outbox_bytes(&client->outbox)) {
            client->ended = true;
        }
    }
}

/* Serve the clients there are and those that come, in this process. */
static void serve(struct server *server, bool until_empty)
{
    while (!server->stop) {
        struct waitlist list;
        unsigned position = wait_for_events(server, &list);
        struct client **link = &server->clients;

        read_signals(server);
        if (server->shared.host && somebody_waits(server)) {
            host_poll(server->shared.host);
        }
        while (*link) {
            run_client(*link, list.fds[position++].revents);
            if ((*link)->ended) {
                remove_client(server, link);
            } else {
                link = &(*link)->next;
            }
        }
        if (has_come(&list, list.listener)) {
            int fd = accept_client(server);

            if (fd >= 0) {
                add_client(server, fd, true);
            }
        }
        if (until_empty && server->clients_seen > 0 && server->client_count == 0) {
            return;
        }
    }
}

static void end_clients(struct server *server)
{
    while (server->clients) {
        remove_client(server, &server->clients);
    }
    host_destroy(server->shared.host);
    server->shared.host = NULL;
}

/* The life of a process that serves one client. */
static void child_run(struct server *server, int fd, pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) {
        close(fd);
        return;
    }
    listener_close(&server->listener);
    server->children.count = 0;
    add_client(server, fd, true);
    serve(server, true);
}

/* Accept clients and start a process for each. Returns true in such a process, when it is done. */
static bool serve_by_forking(struct server *server)
{
    pid_t parent = getpid();

    while (!server->stop) {
        struct waitlist list = {.listener = -1};
        int fd;
        pid_t pid;

        waitlist_add(&list, server->signal_fd, POLLIN);
        if (!server->accept_pause && server->children.count < CHILDREN_MAX) {
            list.listener = waitlist_add(&list, server->listener.fd, POLLIN);
        }
        waitlist_wait(&list, server->accept_pause ? ACCEPT_PAUSE_NS : -1);
        server->accept_pause = false;
        read_signals(server);
        fd = !server->stop && has_come(&list, list.listener) ? accept_client(server) : -1;
        if (fd < 0) {
            continue;
        }
        pid = fork();
        if (pid == 0) {
            child_run(server, fd, parent);
            return true;
        }
        close(fd);
        if (pid < 0) {
            log_message(LOG_ERROR, "client %u: no process: %s", server->clients_seen,
                        strerror(errno));
            server->accept_pause = true;
        } else {
            children_add(&server->children, pid, server->clients_seen);
        }
    }
    return false;
}

/* Signals arrive as readable data, in this thread only: those of the GL driver inherit the mask. */
static int take_signals(struct server *server)
{
    sigset_t set;

    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_BLOCK, &set, NULL);
    server->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (server->signal_fd < 0) {
        log_message(LOG_ERROR, "no signalfd: %s", strerror(errno));
        return -errno;
    }
    return 0;
}

/* Waits of clients and descriptors under way can need more than the usual 1024. */
static void raise_fd_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int replay(struct server *server)
{
    int fd = open(server->options->replay_path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        log_message(LOG_ERROR, "%s: %s", server->options->replay_path, strerror(errno));
        return EXIT_FAILURE;
    }
    server->clients_seen = 1;
    add_client(server, fd, false);
    serve(server, true);
    return EXIT_SUCCESS;
}

static int listen_and_serve(struct server *server)
{
    bool is_child = false;

    if (listener_init(&server->listener, server->options->socket_path)) {
        return EXIT_FAILURE;
    }
    if (server->options->mode == MODE_FORK) {
        is_child = serve_by_forking(server);
    } else {
        serve(server, server->options->mode == MODE_FIRST_ONLY);
    }
    if (!is_child) {
        children_stop(&server->children);
        listener_finish(&server->listener);
    }
    return EXIT_SUCCESS;
}

int server_run(const struct options *options)
{
    struct server *server = calloc(1, sizeof(*server));
    int status;

    if (!server) {
        return EXIT_FAILURE;
    }
    server->options = options;
    server->listener.fd = -1;
    server->shared.options = options;
    raise_fd_limit();
    if (take_signals(server)) {
        free(server);
        return EXIT_FAILURE;
    }
    status = options->replay_path ? replay(server) : listen_and_serve(server);
    end_clients(server);
    close(server->signal_fd);
    free(server);
    return status;
}
