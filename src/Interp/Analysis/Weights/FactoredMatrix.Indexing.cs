namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Parts of the matrices, without their products.</content>
public sealed partial class FactoredMatrix
{
    /// <summary>The matrices at places of the leading axes, such as <c>ov[2]</c> for a head's; views, which the caller disposes.</summary>
    /// <param name="places">A place along each of the first leading axes.</param>
    /// <exception cref="ArgumentException">There are fewer leading axes.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A place is outside its axis.</exception>
    public FactoredMatrix this[params ReadOnlySpan<Index> places]
    {
        get
        {
            if (places.Length > Leading.Length)
                throw new ArgumentException($"[{string.Join(", ", Shape)}] has {Leading.Length} leading axes, {places.Length} places are given: rows and columns are taken by Part.");
            using var scope = NewDisposeScope();
            var (a, b) = (A.alias(), B.alias());
            for (var axis = 0; axis < places.Length; axis++)
            {
                var place = places[axis].GetOffset((int)Leading[axis]);
                if (place < 0 || place >= Leading[axis])
                    throw new ArgumentOutOfRangeException(nameof(places), $"No place {place} along axis {axis} of [{string.Join(", ", Shape)}].");
                (a, b) = (a.select(0, place), b.select(0, place)); // the axes before this one are gone
            }
            return Owned(a, b);
        }
    }

    /// <summary>Some rows and columns, such as those of chosen tokens in a full circuit; the caller disposes them.</summary>
    /// <param name="rows">Which rows; all by default.</param>
    /// <param name="columns">Which columns; all by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A place is outside the matrix.</exception>
    public FactoredMatrix Part(Indices rows = default, Indices columns = default)
    {
        using var scope = NewDisposeScope();
        Tensor Taken(Tensor factor, int axis, Indices places, string what) => places.IsAll
            ? factor
            : factor.index_select(axis, tensor(places.Resolve((int)factor.shape[^(-axis)], what).Select(i => (long)i).ToArray(), device: factor.device));
        return Owned(Taken(A, -2, rows, "row"), Taken(B, -1, columns, "column"));
    }

    /// <summary>The matrices times columns, A·B·x; the caller disposes them.</summary>
    /// <param name="x">[.., column, any].</param>
    /// <returns>[.., row, any].</returns>
    public Tensor Times(Tensor x)
    {
        using var scope = NewDisposeScope();
        return A.matmul(B.matmul(x)).MoveToOuterDisposeScope();
    }
}
