#pragma once

// Files that hold secrets and must survive a power cut: one folder, one process, whole files.
//
// A file is replaced, never changed: written beside the old one, synced, renamed over it, and the
// folder synced. Whatever ends the process, the old file or the new one is there.

#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/secret_bytes.h"
#include "identity/errors.h"
#include "identity/file_handle.h"

namespace phantom::identity {

class StateDirectory {
  public:
    // Makes the folder (0700; its parent must exist) where it is missing, and locks it against other
    // processes until this object goes. kStateDirectory, kStateNotAFile for what is no folder,
    // kStateOwner, kStateMode where others may write, kStateInUse.
    [[nodiscard]] static Result<StateDirectory> open(const std::filesystem::path& path);

    [[nodiscard]] bool has(const std::string& name) const;
    // kStateMissing, kStateOpen, kStateNotAFile (also for a symbolic link), kStateOwner, kStateMode
    // where others may read or write, kTooLarge, kStateRead.
    [[nodiscard]] Result<crypto::SecretBytes> read(const std::string& name, std::size_t size_max)
        const;
    // With mode 0600. kStateWrite.
    [[nodiscard]] Status write(const std::string& name, ByteView content);

    // Gone under its name first, then overwritten, then removed: whatever ends the process, the file is
    // whole or not there. Overwriting is all that can be done from here: a disk that writes
    // elsewhere, a snapshot or a backup keeps what it has. Nothing where there is no such file. kStateWrite.
    [[nodiscard]] Status erase(const std::string& name);
    // The rest of it, where a process was ended in between.
    [[nodiscard]] Status finish_erasing(const std::string& name);

    [[nodiscard]] std::filesystem::path path_of(const std::string& name) const {
        return path_ / name;
    }

  private:
    StateDirectory(std::filesystem::path path, FileHandle handle)
        : path_(std::move(path)), handle_(std::move(handle)) {}

    std::filesystem::path path_;
    FileHandle handle_;
};

}  // namespace phantom::identity
