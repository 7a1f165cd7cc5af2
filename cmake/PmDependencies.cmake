# Every library that is not ours; docs/third_party.md says the licence and how each is linked.

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)

if(PM_TESTS)
  foreach(package IN ITEMS GTest benchmark rapidcheck)
    find_package(${package} QUIET)
    if(NOT ${package}_FOUND)
      message(FATAL_ERROR "${package} is not installed: run ./dev build (it installs what is "
                          "missing), or configure with -DPM_TESTS=OFF for the programs alone.")
    endif()
  endforeach()
endif()

# pm::boost_json: the control socket's language, and test vectors.
find_package(boost_json 1.81 QUIET CONFIG)
find_package(CLI11 QUIET CONFIG)
foreach(package IN ITEMS boost_json CLI11)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} is not installed: ./dev build installs it")
  endif()
endforeach()
add_library(pm_boost_json INTERFACE)
target_link_libraries(pm_boost_json INTERFACE Boost::json)
add_library(pm::boost_json ALIAS pm_boost_json)

# pm::openssl. PM_OPENSSL_ROOT, when given, is used as it is; otherwise tools/openssl.sh says where
# the right one is.
set(PM_OPENSSL_ROOT "" CACHE PATH "Prefix of an OpenSSL >= 3.5; empty to let tools/openssl.sh find it")
set(pm_openssl_prefix "${PM_OPENSSL_ROOT}")
if(NOT pm_openssl_prefix)
  execute_process(
    COMMAND "${CMAKE_SOURCE_DIR}/tools/openssl.sh" find
    OUTPUT_VARIABLE pm_openssl_prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE failed)
  if(failed)
    message(FATAL_ERROR "There is no OpenSSL >= 3.5 yet. Run tools/openssl.sh (or ./dev build, which "
                        "does), or set PM_OPENSSL_ROOT to a prefix that holds one.")
  endif()
endif()
message(STATUS "OpenSSL: ${pm_openssl_prefix}")
add_library(pm_openssl INTERFACE)
if(pm_openssl_prefix STREQUAL "system")
  # Shared: the distribution's security updates then reach us without a new build.
  find_package(OpenSSL 3.5 REQUIRED)
  target_link_libraries(pm_openssl INTERFACE OpenSSL::SSL OpenSSL::Crypto)
else()
  # Static, and hidden, so that a library which brings the system's OpenSSL cannot meet ours.
  set(archives "${pm_openssl_prefix}/lib/libssl.a" "${pm_openssl_prefix}/lib/libcrypto.a")
  foreach(archive IN LISTS archives)
    if(NOT EXISTS "${archive}")
      message(FATAL_ERROR "${archive} is missing. Run tools/openssl.sh, or correct PM_OPENSSL_ROOT.")
    endif()
  endforeach()
  target_include_directories(pm_openssl SYSTEM INTERFACE "${pm_openssl_prefix}/include")
  target_link_libraries(pm_openssl INTERFACE ${archives} Threads::Threads ${CMAKE_DL_LIBS})
  # By name: ALL would hide the sanitizers' interceptors as well, and mold takes no ':' list.
  target_link_options(pm_openssl INTERFACE
    -Wl,--exclude-libs,libssl.a -Wl,--exclude-libs,libcrypto.a)
endif()
add_library(pm::openssl ALIAS pm_openssl)

# A plain library found by name: pm_c_library(ipsec_mb IPSec_MB intel-ipsec-mb.h).
function(pm_c_library name library header)
  find_library(PM_LIB_${name} ${library})
  find_path(PM_INCLUDE_${name} ${header})
  if(NOT PM_LIB_${name} OR NOT PM_INCLUDE_${name})
    message(FATAL_ERROR "lib${library} or <${header}> is missing: ./dev build installs it")
  endif()
  add_library(pm_${name} INTERFACE)
  target_include_directories(pm_${name} SYSTEM INTERFACE "${PM_INCLUDE_${name}}")
  target_link_libraries(pm_${name} INTERFACE "${PM_LIB_${name}}")
  add_library(pm::${name} ALIAS pm_${name})
endfunction()

pm_c_library(ipsec_mb IPSec_MB intel-ipsec-mb.h)
pm_c_library(mnl mnl libmnl/libmnl.h)
pm_c_library(gfshare gfshare libgfshare.h)
pm_c_library(hyperscan hs hs/hs.h)
pm_c_library(pcre2 pcre2-8 pcre2.h)
pm_c_library(zlib z zlib.h)
pm_c_library(yaml_cpp yaml-cpp yaml-cpp/yaml.h)
pm_c_library(curl curl-gnutls curl/curl.h)

# pm::sqlite.
find_package(SQLiteCpp QUIET CONFIG)
if(NOT SQLiteCpp_FOUND)
  message(FATAL_ERROR "SQLiteCpp is not installed: ./dev build installs it")
endif()
add_library(pm_sqlite INTERFACE)
target_link_libraries(pm_sqlite INTERFACE SQLiteCpp)
add_library(pm::sqlite ALIAS pm_sqlite)
