#pragma once

// The folder of an incident's evidence: its items, and the file `manifest`. Written by the daemon, checked by anybody:
// what is needed for that is in it, but for the id of the mesh that one trusts.
//
// Items are written once. The manifest is replaced whole, so the old one or the new one is there after a crash; an item
// that no manifest names yet is no evidence, and is removed by the next one that begins.

#include <filesystem>

#include "evidence/manifest.h"
#include "io/fd.h"

namespace phantom::evidence {

inline constexpr std::size_t kItemSizeMax = 8U << 20U;
inline constexpr std::size_t kFolderSizeMax = 64U << 20U;
inline constexpr const char* kManifestFile = "manifest";

// An item before it is written.
struct Collected {
    std::string what;
    std::string collector;
    std::string note;
    std::string suffix = "txt";  // of its file
    std::string content;         // what is above kItemSizeMax is cut, and the note says so
    WallTime at;
    Instant monotonic;
};

class Folder {
  public:
    // Made where it is missing; goes on after the items of its manifest. kFolder, kBadManifest: what is there is left
    // alone.
    [[nodiscard]] static Result<Folder> open(const std::filesystem::path& path);

    // Written, and at the end of the chain; on the disk with the next seal(): the disk is waited for once. kWrite, kTooMuch.
    [[nodiscard]] Status add(Collected collected);
    // Signs what was added, once all of it is on the disk. kWrite.
    [[nodiscard]] Result<std::string> seal(Manifest manifest, const crypto::SigningKey& key);

    [[nodiscard]] const std::vector<Item>& items() const { return items_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}

    std::filesystem::path path_;
    std::vector<Item> items_;
    std::uint64_t size_ = 0;
    std::vector<io::Fd> not_synced_;
};

struct FolderVerdict {
    std::string problem;  // the first thing that does not hold; empty: all of it holds
    std::uint64_t incident = 0;
    std::size_t items = 0;
    WallTime signed_at;
    std::string signer;  // its name in the mesh
    std::string node;
    std::string
        mesh;  // follows from the root's key in the folder: to be compared with what one trusts
    std::string head;
};
[[nodiscard]] FolderVerdict verify_folder(const std::filesystem::path& path);

}  // namespace phantom::evidence
