using Interp.Native;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private enum Field
        {
            Dtype = 0,
            Dim,
            Numel,
            DeviceType,
            DeviceIndex,
            RequiresGrad,
            IsLeaf,
            IsContiguous,
            StorageOffset,
            ElementSize,
            Defined,
            IsConj,
            IsNeg,
            IsPinned,
        }

        public long Dimensions => Get(Field.Dim);

        public long ndim => Get(Field.Dim);

        public long ElementSize => Get(Field.ElementSize);

        public long NumberOfElements => Get(Field.Numel);

        public ScalarType dtype => (ScalarType)Get(Field.Dtype);

        public DeviceType device_type => (DeviceType)Get(Field.DeviceType);

        public int device_index => (int)Get(Field.DeviceIndex);

        public Device device => device_type == DeviceType.CPU ? CPU : new(device_type, device_index);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_leaf => Get(Field.IsLeaf) != 0;

        public bool is_meta => device_type == DeviceType.META;

        public long[] shape => Sizes();

        public string? name { get; set; }

        public long dim() => Get(Field.Dim);

        public long element_size() => Get(Field.ElementSize);

        public long numel() => Get(Field.Numel);

        public long[] size() => Sizes();

        public long size(int dim)
        {
            var sizes = Sizes();
            return sizes[Wrap(dim, sizes.Length)];
        }

        public unsafe long[] stride()
        {
            var rank = (int)Get(Field.Dim);
            var strides = new long[rank];
            fixed (long* p = strides)
            {
                if (NativeMethods.it_strides(Handle, p, rank) < 0) NativeError.Throw();
            }
            GC.KeepAlive(this);
            return strides;
        }

        public long stride(int dim)
        {
            var strides = stride();
            return strides[Wrap(dim, strides.Length)];
        }

        public long storage_offset() => Get(Field.StorageOffset);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_conj() => Get(Field.IsConj) != 0;

        public bool is_contiguous() => Get(Field.IsContiguous) != 0;

        public bool is_cpu() => device_type == DeviceType.CPU;

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_neg() => Get(Field.IsNeg) != 0;

        public bool is_pinned() => Get(Field.IsPinned) != 0;

        private long Get(Field field)
        {
            var value = NativeMethods.it_field(Handle, (int)field);
            GC.KeepAlive(this);
            if (value == long.MinValue) NativeError.Throw();
            return value;
        }

        private unsafe long[] Sizes()
        {
            const int most = 8;
            var buffer = stackalloc long[most];
            var rank = NativeMethods.it_sizes(Handle, buffer, most);
            if (rank < 0) NativeError.Throw();
            var sizes = new long[rank];
            if (rank <= most)
            {
                for (var k = 0; k < rank; k++) sizes[k] = buffer[k];
            }
            else
            {
                fixed (long* p = sizes) NativeMethods.it_sizes(Handle, p, rank);
            }
            GC.KeepAlive(this);
            return sizes;
        }

        private static int Wrap(int dim, int rank)
        {
            var wrapped = dim < 0 ? dim + rank : dim;
            return wrapped >= 0 && wrapped < rank
                ? wrapped
                : throw new ArgumentOutOfRangeException(nameof(dim), $"Dimension {dim} of a tensor of {rank} dimensions: give {-rank} to {rank - 1}.");
        }
    }

    public static bool is_complex(Tensor input) => input.is_complex();

    public static bool is_conj(Tensor input) => input.is_conj();

    public static bool is_floating_point(Tensor input) => input.is_floating_point();

    public static bool is_integral(Tensor t) => t.is_integral();

    public static long numel(Tensor input) => input.numel();
}
