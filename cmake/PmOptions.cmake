# What every target of the house is compiled with. The presets only choose among these.

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 12)
  message(FATAL_ERROR "PhantomMesh is C++23: GCC 12 or clang 19 is needed, this is GCC "
                      "${CMAKE_CXX_COMPILER_VERSION}. Set CC and CXX to a newer one.")
endif()

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)

set(PM_SANITIZE "" CACHE STRING "Sanitizers for -fsanitize=, empty for none")
option(PM_COVERAGE "Instrument for line coverage" OFF)
option(PM_FUZZ "Build the fuzzers (clang only)" OFF)
option(PM_TESTS "Build tests and benchmarks" ON)
option(PM_NULL_CIPHER "Measure the data plane without its cipher: NEVER for real traffic" OFF)
set(PM_FUZZ_SECONDS 5 CACHE STRING "How long ctest lets each fuzzer run")

add_library(pm_options INTERFACE)
target_compile_options(pm_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
target_compile_definitions(pm_options INTERFACE PM_VERSION="${PROJECT_VERSION}")
# __FILE__ in an assertion says src/..., not where somebody happened to build.
target_compile_options(pm_options INTERFACE "-fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Takes a source file that is read as a part of several for a header.
  target_compile_options(pm_options INTERFACE -Wno-subobject-linkage)
  if(PM_SANITIZE)
    # GCC's manual: sanitizers make it warn of what is initialized. Release has the warning on.
    target_compile_options(pm_options INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # PM_GUARDED_BY and its kin mean something to clang only.
  target_compile_options(pm_options INTERFACE -Wthread-safety)
endif()
if(PM_NULL_CIPHER)
  target_compile_definitions(pm_options INTERFACE PM_NULL_CIPHER=1)
endif()

# A packet costs a microsecond: the whole program is optimised as one. -fno-plt and -z now bind
# every call at start-up, so hardening costs the packet path nothing there.
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
  include(CheckIPOSupported)
  check_ipo_supported(RESULT PM_IPO_SUPPORTED OUTPUT PM_IPO_MESSAGE LANGUAGES CXX)
  set(CMAKE_INTERPROCEDURAL_OPTIMIZATION ${PM_IPO_SUPPORTED})
  # Objects hold machine code too, so that test programs link in a second instead of ten.
  if(PM_IPO_SUPPORTED AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    set(CMAKE_CXX_COMPILE_OPTIONS_IPO -flto=auto -ffat-lto-objects)
    # Of the whole program GCC 12 says so of vectors and strings that are fine; each file has the warning on.
    target_link_options(pm_options INTERFACE -Wno-stringop-overflow)
  endif()
  include(CheckPIESupported)
  check_pie_supported(LANGUAGES CXX)
  target_compile_options(pm_options INTERFACE
    -fstack-protector-strong -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -fno-plt)
  target_link_options(pm_options INTERFACE -Wl,-z,relro,-z,now -Wl,-z,noexecstack)
else()
  # Bounds-checked span, vector and optional wherever speed is not what is tested.
  target_compile_definitions(pm_options INTERFACE _GLIBCXX_ASSERTIONS)
endif()

if(PM_SANITIZE)
  # -O1: what a sanitizer sees is the same, and the code compiles in half the time.
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1")
  set(sanitize -fsanitize=${PM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(pm_options INTERFACE ${sanitize})
  # Sanitizers look into their own process, which the daemon otherwise forbids.
  target_compile_definitions(pm_options INTERFACE PM_SANITIZED=1)
  target_link_options(pm_options INTERFACE ${sanitize})
endif()
if(PM_COVERAGE)
  # Counters are updated atomically, or those of the shard threads would be lost.
  set(coverage --coverage -fprofile-update=atomic)
  target_compile_options(pm_options INTERFACE ${coverage})
  target_link_options(pm_options INTERFACE ${coverage})
endif()
if(PM_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "PM_FUZZ needs clang: use the preset (cmake --preset asan)")
  endif()
  target_compile_options(pm_options INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Quicker where present, the same result where not.
find_program(PM_CCACHE ccache)
if(PM_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${PM_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${PM_CCACHE}")
endif()
if(NOT CMAKE_BUILD_TYPE STREQUAL "Release")  # GCC's own LTO is surest with GNU ld
  find_program(PM_MOLD NAMES mold)
  find_program(PM_LLD NAMES ld.lld)
  if(PM_MOLD)
    target_link_options(pm_options INTERFACE -fuse-ld=mold)
  elseif(PM_LLD)
    target_link_options(pm_options INTERFACE -fuse-ld=lld)
  endif()
endif()
