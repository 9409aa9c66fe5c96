"""The township desk 乡镇工作台: receiving, review, conflicts, certificates, receipts, totals, sending on."""
