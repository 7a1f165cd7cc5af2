// phantom: the command of a PhantomMesh node. It asks the daemon, and prints what it hears.

#include "cli/command_line.h"

int main(int argc, char** argv) {
    return phantom::cli::CommandLine().run(argc, argv);
}
