// A reader driven by its input: the first bytes say what to read next. What was read, written again,
// is the input.

#include <vector>

#include "base/assert.h"
#include "wire/record.h"

using namespace phantom;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t kSteps = 8;
    if (size < kSteps) {
        return 0;
    }
    const ByteView record = ByteView(data, size).subspan(kSteps);
    std::vector<std::uint8_t> buffer(record.size());
    wire::RecordReader reader(record);
    wire::RecordWriter writer(buffer);
    for (std::size_t step = 0; step < kSteps && reader.ok(); ++step) {
        const wire::RecordReader before = reader;
        switch (data[step] % 6) {
            case 0:
                writer.u8(reader.u8());
                break;
            case 1:
                writer.u16(reader.u16());
                break;
            case 2:
                writer.u32(reader.u32());
                break;
            case 3:
                writer.u64(reader.u64());
                break;
            case 4:
                writer.bytes(reader.bytes(data[step] / 6));
                break;
            default:
                writer.sized_bytes(reader.sized_bytes(data[step]));
                break;
        }
        if (!reader.ok()) {
            PM_ASSERT(reader.size_left() == 0);
            return 0;
        }
        PM_ASSERT(reader.size_left() <= before.size_left());
    }
    PM_ASSERT(writer.ok());
    PM_ASSERT(std::ranges::equal(writer.written(), record.first(record.size() - reader.size_left()))
    );
    return 0;
}
