#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| tfadir::fuzz::entry(data));
