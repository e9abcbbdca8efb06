namespace TorchSharp;

public static partial class torch
{
    /// <summary>One position of an index: a number, a range, a tensor, a truth value, a new axis, or "the rest".</summary>
    public struct TensorIndex
    {
        internal enum Kind
        {
            Single,
            Slice,
            Tensor,
            Bool,
            None,
            Ellipsis,
        }

        internal Kind What { get; private init; }

        internal long? Start { get; private init; }

        internal long? Stop { get; private init; }

        internal long? Step { get; private init; }

        internal Tensor? Values { get; private init; }

        public static TensorIndex Ellipsis = new() { What = Kind.Ellipsis };
        public static TensorIndex None = new() { What = Kind.None };
        public static TensorIndex Null = new() { What = Kind.None };
        public static TensorIndex Colon = new() { What = Kind.Slice };

        public static TensorIndex Bool(bool value) => new() { What = Kind.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => new() { What = Kind.Single, Start = index };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { What = Kind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(At(range.Start), range.End.Equals(Index.End) ? null : At(range.End));

        public static TensorIndex Tensor(Tensor tensor) => new() { What = Kind.Tensor, Values = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator Tensor(TensorIndex value) => value.What switch
        {
            Kind.Tensor => value.Values!,
            Kind.Single => torch.tensor(value.Start ?? 0),
            _ => throw new InvalidOperationException($"An index of kind {value.What} is no tensor."),
        };

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex(Index index) => Single(At(index));

        // ^1 is libtorch's -1; ^0 as a start means "behind the last", which a slice leaves to its clamping.
        private static long At(Index index) => index.IsFromEnd ? (index.Value == 0 ? long.MaxValue : -index.Value) : index.Value;
    }
}
