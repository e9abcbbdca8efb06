namespace Interp;

/// <summary>Where edits of weights begin.</summary>
public static class WeightEditExtensions
{
    /// <summary>Begins an edit of the model's weights: <c>using var edit = model.Edit().SetValueVector(3, 17, vector);</c>.</summary>
    /// <param name="model">The model.</param>
    /// <returns>An edit without changes yet; disposing it takes back all that is added to it.</returns>
    public static WeightEdit Edit(this HookedTransformer model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new WeightEdit(model);
    }
}
